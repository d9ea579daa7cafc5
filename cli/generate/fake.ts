import { nearest, suggestion } from "../../plan/suggestion";
import type { Random } from "./random";

type Api = typeof import("@faker-js/faker", { with: { "resolution-mode": "import" }});

/** Makes a value, as JSON. */
type Fake = () => string;

/** How to make the values of that name, or what is wrong with the name. Its dates are told as from `now`. */
export type Fakes = (name: string, random: Random, now: number) => Fake | { problem: string };

/** Loads Faker, which only specs with such fields need. */
export async function loadFakes(load: () => Promise<Api> = () => import("@faker-js/faker")): Promise<Fakes> {
    const { Faker, en, base } = await load().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
        throw new Error(
            "Fields of the type `fake` need the package @faker-js/faker: npm install --save-dev @faker-js/faker@10.6.0",
        );
    });
    return (name, random, now) => {
        const faker = new Faker({
            locale: [en, base],
            randomizer: { next: () => random.fraction(), seed: () => undefined },
        });
        faker.setDefaultRefDate(now);
        return fakeOf(faker as unknown as Record<string, Record<string, unknown>>, name);
    };
}

function fakeOf(faker: Record<string, Record<string, unknown>>, name: string): Fake | { problem: string } {
    const names = Object.entries(faker).flatMap(([module, members]) =>
        functionsOf(members).map((member) => `${module}.${member}`),
    );
    if (!names.includes(name)) return { problem: `unknown: \`${name}\`: ${similar(name, names)}` };
    const [module, member] = name.split(".") as [string, string];
    const make = () => JSON.stringify((faker[module]![member] as () => unknown)()) as string;
    try {
        if (make() !== undefined) return make;
    } catch {}
    return { problem: `\`${name}\` makes no JSON value without arguments: take another` };
}

/** Hundreds of names are too many to list. */
function similar(name: string, names: string[]): string {
    return nearest(name, names) === undefined ? "the names are on https://fakerjs.dev/api/" : suggestion(name, names);
}

function functionsOf(module: object): string[] {
    return Object.keys(module).filter((name) => typeof (module as Record<string, unknown>)[name] === "function");
}
