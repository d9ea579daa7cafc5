import {
    AbortMultipartUploadCommand,
    type CompletedPart,
    CompleteMultipartUploadCommand,
    CreateMultipartUploadCommand,
    PutObjectCommand,
    type PutObjectCommandInput,
    type S3Client,
    UploadPartCommand,
} from "@aws-sdk/client-s3";

/** What an object is written with, besides its bytes. */
export type ObjectParams = Omit<PutObjectCommandInput, "Body">;

const partBytes = 8 * 1024 * 1024;
/** More comes seldom in the time that a part takes. */
const asideBytes = 4 * 1024 * 1024;
/** As the SDK sends it by itself with each part: S3 wants to hear of it before the first. */
const ChecksumAlgorithm = "CRC32";

/** Writes chunks as an object, in parts where they are many. It appears when all of them have come, or not at all. */
export async function uploadObject(
    s3: S3Client,
    params: ObjectParams,
    chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
    const upload = new Upload(s3, params);
    try {
        for await (const chunk of chunks) await upload.write(chunk);
        await upload.end();
    } catch (error) {
        await upload.abort();
        throw error;
    }
}

/**
 * While a part is sent, what comes next is put aside. Both buffers are used over and over: new ones for every part would
 * fill the memory until it is swept.
 */
class Upload {
    private readonly part = Buffer.allocUnsafeSlow(partBytes);
    private readonly aside = Buffer.allocUnsafeSlow(asideBytes);
    private filling = this.part;
    private length = 0;
    private id?: string;
    private readonly sent: Promise<CompletedPart>[] = [];

    constructor(
        private readonly s3: S3Client,
        private readonly params: ObjectParams,
    ) {}

    async write(chunk: Uint8Array): Promise<void> {
        for (let taken = 0; taken < chunk.length; ) {
            if (this.length === this.filling.length) await this.makeRoom();
            const piece = chunk.subarray(taken, taken + this.filling.length - this.length);
            this.filling.set(piece, this.length);
            this.length += piece.length;
            taken += piece.length;
        }
    }

    async end(): Promise<void> {
        const { s3, params } = this;
        if (!this.id) {
            await s3.send(new PutObjectCommand({ ...params, Body: this.part.subarray(0, this.length) }));
            return;
        }
        if (this.filling === this.aside) await this.takeBack();
        await this.send();
        const { Bucket, Key, IfMatch, IfNoneMatch } = params;
        const MultipartUpload = { Parts: await Promise.all(this.sent) };
        const complete = { Bucket, Key, IfMatch, IfNoneMatch, UploadId: this.id, MultipartUpload };
        await s3.send(new CompleteMultipartUploadCommand(complete));
    }

    /** Leaves nothing behind; what fails of that is a lifecycle rule's. */
    async abort(): Promise<void> {
        if (!this.id) return;
        await Promise.allSettled(this.sent);
        const { Bucket, Key } = this.params;
        await this.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: this.id })).catch(() => {});
    }

    private async makeRoom(): Promise<void> {
        if (this.filling === this.aside) return this.takeBack();
        await this.send();
        this.filling = this.aside;
        this.length = 0;
    }

    private async takeBack(): Promise<void> {
        await this.sent.at(-1);
        this.aside.copy(this.part, 0, 0, this.length);
        this.filling = this.part;
    }

    /** Begins to send the part. */
    private async send(): Promise<void> {
        this.id ??= await this.begin();
        const sending = this.sendPart(this.id, this.part.subarray(0, this.length), this.sent.length + 1);
        sending.catch(() => {}); // whoever waits for it hears of it
        this.sent.push(sending);
    }

    private async begin(): Promise<string> {
        const { IfMatch, IfNoneMatch, ...params } = this.params;
        const { UploadId } = await this.s3.send(new CreateMultipartUploadCommand({ ...params, ChecksumAlgorithm }));
        return UploadId!;
    }

    private async sendPart(UploadId: string, Body: Buffer, PartNumber: number): Promise<CompletedPart> {
        const { Bucket, Key } = this.params;
        const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm });
        const { ETag, ChecksumCRC32 } = await this.s3.send(command);
        return { PartNumber, ETag, ChecksumCRC32 };
    }
}
