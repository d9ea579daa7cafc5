import { expect } from "chai";
import { nearest } from "../../../handlers/shared/did-you-mean";

describe("nearest", () => {
    const names = ["device", "device_id", "battery", "sent_at"];

    const meant: [string, string | undefined][] = [
        ["bat", "battery"],
        ["BATTERY", "battery"],
        ["Device_Id", "device_id"],
        ["deviceId", "device_id"],
        ["devise", "device"],
        ["batery", "battery"],
        ["sentat", "sent_at"],
        ["temperature", undefined],
        ["x", undefined],
        ["__proto__", undefined],
    ];
    for (const [given, name] of meant) {
        it(`takes ${given} for ${name ?? "none of the names"}`, () => {
            expect(nearest(given, names)).to.equal(name);
        });
    }
});
