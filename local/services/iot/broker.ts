import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Aedes } from "aedes" with { "resolution-mode": "import" };

type Api = typeof import("aedes", { with: { "resolution-mode": "import" }});

/** A message on its way through the broker. */
export interface Published {
    topic: string;
    payload: Buffer;
    qos: number;
    clientId: string;
}

/** What the broker asks about every message of a client. */
export interface BrokerHooks {
    /** Throws at what AWS IoT refuses; the client is disconnected then, as AWS does. */
    check(message: Published): void;
    /** Takes the message; the broker acknowledges it when this is done. */
    take(message: Published): Promise<void>;
}

/** An MQTT broker on this machine, without certificates: whoever reaches the loopback interface may use it. */
export class Broker {
    private readonly sockets = new Set<Socket>();

    private constructor(
        private readonly aedes: Aedes,
        private readonly server: Server,
    ) {
        server.on("connection", (socket) => {
            this.sockets.add(socket.on("close", () => this.sockets.delete(socket)));
            aedes.handle(socket);
        });
    }

    /** Listens on a free port of the loopback interface. */
    static async start(hooks: BrokerHooks, load: () => Promise<Api> = () => import("aedes")): Promise<Broker> {
        const { Aedes } = await load().catch((error) => {
            throw new Error(
                `AWS IoT's broker is aedes here, which can't be loaded (${error.message}). Install it: npm install --save-dev aedes`,
            );
        });
        const aedes = await Aedes.createBroker({
            authorizePublish: (client, packet, callback) => {
                try {
                    hooks.check(published(packet, client!.id));
                    callback(null);
                } catch (error) {
                    callback(error as Error);
                }
            },
            published: (packet, client, callback) => {
                if (!client) callback(null);
                else hooks.take(published(packet, client.id)).then(() => callback(null), callback);
            },
        });
        const server = createServer().listen(0, "127.0.0.1");
        await once(server, "listening");
        return new Broker(aedes, server);
    }

    get url(): string {
        return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Passes a message that came another way on to the subscribers. */
    async forward(topic: string, payload: Buffer): Promise<void> {
        await new Promise<void>((resolve, reject) => {
            this.aedes.publish(
                { cmd: "publish", topic, payload, qos: 1, retain: false, dup: false },
                (error?: Error | null) => (error ? reject(error) : resolve()),
            );
        });
    }

    async stop(): Promise<void> {
        const closed = once(this.server, "close");
        this.server.close();
        await new Promise<void>((resolve) => this.aedes.close(resolve));
        for (const socket of this.sockets) socket.destroy();
        await closed;
    }
}

function published(
    { topic, payload, qos }: Pick<Published, "topic" | "qos"> & { payload: string | Buffer },
    id: string,
) {
    return { topic, payload: Buffer.from(payload), qos, clientId: id };
}
