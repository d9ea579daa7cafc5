import { expect } from "chai";
import { clientAddress, withoutAddress } from "../../../handlers/parse-access-log/client-address";

describe("clientAddress", () => {
    for (const [client, kept, address] of [
        ["203.0.113.7:2817", "keep", "203.0.113.7"],
        ["203.0.113.7:2817", "truncate", "203.0.113.0"],
        ["203.0.113.7:2817", "drop", ""],
        ["203.0.113.7", "keep", "203.0.113.7"],
        ["[2001:db8:1:2:3:4:5:6]:2817", "keep", "2001:db8:1:2:3:4:5:6"],
        ["2001:db8:1:2:3:4:5:6:2817", "keep", "2001:db8:1:2:3:4:5:6"],
        ["[2001:db8:1:2:3:4:5:6]:2817", "truncate", "2001:db8:1::"],
        ["[2001:db8::6]:2817", "truncate", "2001:db8:0::"],
        ["[::1]:2817", "truncate", "0:0:0::"],
        ["[2001:db8::6]:2817", "drop", ""],
        ["-", "keep", undefined],
        ["host.example:80", "drop", undefined],
    ] as const) {
        it(`of ${client}, ${kept}: ${address}`, () => {
            expect(clientAddress(client, kept)).to.equal(address);
        });
    }
});

describe("withoutAddress", () => {
    const line = Buffer.from("http time app/x 203.0.113.7:1 - \xff", "latin1");

    it("takes the address out of a line, byte for byte otherwise", () => {
        expect(withoutAddress(line, "drop").toString("latin1")).to.equal("http time app/x - - \xff");
        expect(withoutAddress(line, "truncate").toString("latin1")).to.equal("http time app/x - - \xff");
    });

    it("leaves the line as it is where addresses are kept", () => {
        expect(withoutAddress(line, "keep")).to.equal(line);
    });

    it("leaves a line that does not come so far", () => {
        expect(withoutAddress(Buffer.from("http time"), "drop").toString()).to.equal("http time");
    });
});
