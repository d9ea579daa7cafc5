import { QueryError } from "../../athena-sql/errors";
import type { Finder } from "../../athena-sql/names";
import type { ObjectList, parseLocation } from "../../athena-sql/tables/tables";
import type { Access } from "../../iam/access";
import type { Context } from "../../iam/condition";
import { arnOf, bucketArn, type Need, objectArn } from "../../iam/requirements";
import { AwsError } from "../../runtime";
import type { Glue } from "../glue";

/** What Athena adds to requests that it makes for somebody. */
const forSomebody: Context = {
    ...{ "aws:viaawsservice": "true", "aws:calledvia": ["athena.amazonaws.com"] },
    ...{ "aws:calledviafirst": "athena.amazonaws.com", "aws:calledvialast": "athena.amazonaws.com" },
};

/** Who started a run: Athena reads the catalog and the tables, and writes the result, with that role's permissions. */
export class Caller {
    constructor(
        private readonly access: Access | undefined,
        private readonly role: string | undefined,
    ) {}

    /** Refuses a call that the role may not make. */
    check(action: string, resource: string): void {
        if (this.access?.mayRole(this.role, [{ action, resource }]) ?? true) return;
        throw new AwsError(
            "AccessDeniedException",
            `You are not authorized to perform: ${action} on the resource ${resource}`,
        );
    }

    /** Athena looks up the database of a run, and the default one, whichever that is. */
    lookUp(database: string): void {
        const places = ["catalog", "database/default", `database/${database}`];
        this.must(places.map((place) => ({ action: "glue:GetDatabase", resource: arnOf("glue", place) })));
    }

    /** What finds the tables and views of a catalog that the role may look up. */
    finder(glue: Glue): Finder {
        return (database, name) => {
            const entry = glue.entry(database, name);
            if (!entry) return undefined;
            this.useTable("GetTable", database, name);
            return "view" in entry ? entry.view : entry.table;
        };
    }

    /** Refuses an action of Glue's on a table that the role may not take. */
    useTable(action: string, database: string, name: string): void {
        this.useGlue(action, ["catalog", `database/${database}`, `table/${database}/${name}`]);
    }

    /** Refuses an action of Glue's on a database that the role may not take. */
    useDatabase(action: string, database: string): void {
        this.useGlue(action, ["catalog", `database/${database}`]);
    }

    /** Refuses to list the databases of the catalog to a role that may not. */
    useDatabases(): void {
        this.useGlue("GetDatabases", ["catalog"]);
    }

    /** Refuses an action of Athena's in a workgroup that the role may not take. */
    checkWorkgroup(action: string, workgroup: string): void {
        this.check(`athena:${action}`, arnOf("athena", `workgroup/${workgroup}`));
    }

    private useGlue(action: string, places: string[]): void {
        this.must(places.map((place) => ({ action: `glue:${action}`, resource: arnOf("glue", place) })));
    }

    /** The objects of tables, if the role may list and read them. */
    objects(list: ObjectList): ObjectList {
        return {
            list: (bucket, prefix) => {
                const context = { "s3:prefix": prefix };
                this.must([{ action: "s3:ListBucket", resource: bucketArn(bucket), context }]);
                const objects = list.list(bucket, prefix);
                this.must(objects.map(({ key }) => ({ action: "s3:GetObject", resource: objectArn(bucket, key) })));
                return objects;
            },
        };
    }

    /** Athena finds the bucket of the result before it writes. */
    write(bucket: string, key: string): void {
        this.must([
            { action: "s3:GetBucketLocation", resource: bucketArn(bucket) },
            { action: "s3:PutObject", resource: objectArn(bucket, key) },
        ]);
    }

    /** Athena reads the result as who asks for it. */
    readResult({ bucket, prefix }: ReturnType<typeof parseLocation>, file: string): void {
        this.check("s3:GetObject", objectArn(bucket, `${prefix}${file}`));
    }

    private must(needs: Need[]): void {
        if (!this.access || needs.length === 0) return;
        const denied = needs.find((need) => !this.access!.mayRole(this.role, [need], forSomebody));
        if (denied === undefined) return;
        const { action, resource } = denied;
        throw new QueryError("PERMISSION_DENIED", `not authorized to perform: ${action} on resource: ${resource}`);
    }
}
