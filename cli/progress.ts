import yoctoSpinner, { type Spinner } from "yocto-spinner";

/** One line on standard error that says how far the work is; silent unless that is a terminal. */
export class Progress {
    private readonly spinner: Spinner | undefined;

    constructor(stream: NodeJS.WriteStream = process.stderr) {
        this.spinner = stream.isTTY ? yoctoSpinner({ stream }) : undefined;
    }

    say(text: string): void {
        if (!this.spinner) return;
        this.spinner.text = text;
        if (!this.spinner.isSpinning) this.spinner.start();
    }

    done(): void {
        this.spinner?.stop();
    }
}
