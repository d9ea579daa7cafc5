/** The connection ends without an answer. */
export class ConnectionCut extends Error {
    override name = "ConnectionCut";
}
