const space = 0x20;
/** Four bytes at a time: four spaces, and what is set where a byte of four is beyond 0x7F. */
const spaces = 0x20202020;
const highBits = 0x80808080 | 0;
/** Room for the events of most chunks. */
const usualLength = 256 * 1024;

/**
 * Events as lines of JSON, one behind the other. Short runs of bytes are copied here, as numbers of four or eight bytes:
 * to call the platform for them takes longer.
 */
export class EventBytes {
    bytes = Buffer.allocUnsafe(usualLength);
    /** Where the next byte goes. */
    end = 0;
    private view = viewOf(this.bytes);

    /** Makes room for so many bytes. */
    reserve(room: number): void {
        const needed = this.end + room;
        if (needed <= this.bytes.length) return;
        const grown = Buffer.allocUnsafe(2 * needed);
        this.bytes.copy(grown, 0, 0, this.end);
        this.bytes = grown;
        this.view = viewOf(grown);
    }

    /** Adds an event. */
    add(text: string): void {
        this.reserve(Buffer.byteLength(text) + 1);
        this.end += this.bytes.write(`${text}\n`, this.end);
    }

    /**
     * Copies UTF-8, for which there is room. Of no eight bytes of UTF-8 is the number "not a number", which might be
     * written otherwise than it was read.
     */
    copy(from: DataView, start = 0, end = from.byteLength): void {
        const { view } = this;
        const shift = this.end - start;
        const last = end - 8;
        let at = start;
        if (last >= start) {
            for (; at < last; at += 8) view.setFloat64(at + shift, from.getFloat64(at));
            view.setFloat64(last + shift, from.getFloat64(last));
        } else for (; at < end; at++) view.setUint8(at + shift, from.getUint8(at));
        this.end = end + shift;
    }

    /** Copies UTF-8, for which there is room; false if there is a control character in it, which JSON would escape. */
    copyText(from: DataView, start: number, end: number): boolean {
        const { view } = this;
        const shift = this.end - start;
        let controls = 0;
        let at = start;
        for (; at + 4 <= end; at += 4) {
            const four = from.getInt32(at);
            controls |= (four - spaces) & ~four & highBits;
            view.setInt32(at + shift, four);
        }
        for (; at < end; at++) {
            const byte = from.getUint8(at);
            if (byte < space) controls = 1;
            view.setUint8(at + shift, byte);
        }
        this.end = end + shift;
        return controls === 0;
    }

    /** What came together. */
    take(): Buffer {
        const { bytes, end } = this;
        this.bytes = Buffer.allocUnsafe(bytes.length);
        this.view = viewOf(this.bytes);
        this.end = 0;
        return bytes.subarray(0, end);
    }
}

/** Bytes, and a view of the same. */
export interface Source {
    bytes: Buffer;
    view: DataView;
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
    return new DataView(buffer, byteOffset, length);
}
