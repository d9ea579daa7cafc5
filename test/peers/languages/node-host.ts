/**
 * Of Pulumi's language host for Node as much as starts a plugin: the host itself is in no registry. The engine starts it
 * as `pulumi-language-nodejs`, reads its port, and has it run the plugin.
 */
import { spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { runPlugin } from "./plugin";

const server = new grpc.Server();
server.addService(LanguageRuntimeService as unknown as grpc.ServiceDefinition, {
    getPluginInfo: (_: unknown, answer: grpc.sendUnaryData<PluginInfo>) => answer(null, new PluginInfo()),
    runPlugin: run,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) => {
    process.stdout.write(`${port}\n`);
});

function run(call: grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>): void {
    const { request } = call;
    const folder = request.getInfo()!.getProgramDirectory();
    const plugin = spawn(process.execPath, [runPlugin, folder, ...request.getArgsList()], {
        cwd: request.getPwd(),
        env: Object.fromEntries(request.getEnvList().map((each) => each.split(/=(.*)/s))),
        stdio: ["ignore", "pipe", "pipe"],
    });
    plugin.stdout.on("data", (text) => call.write(new RunPluginResponse().setStdout(text)));
    plugin.stderr.on("data", (text) => call.write(new RunPluginResponse().setStderr(text)));
    plugin.on("close", (code) => {
        call.write(new RunPluginResponse().setExitcode(code ?? 1));
        call.end();
    });
    call.on("cancelled", () => plugin.kill());
}
