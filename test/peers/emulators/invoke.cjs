// A function as Lambda has it: answers the events that its parent sends, one after the other. What it prints is its log.
const { handler } = require(`${process.cwd()}/index.js`);

process.on("message", async ({ event, milliseconds }) => {
    const deadline = Date.now() + milliseconds;
    const context = { awsRequestId: "invocation", getRemainingTimeInMillis: () => deadline - Date.now() };
    try {
        process.send({ answer: await handler(event, context) });
    } catch (error) {
        process.send({ error: String(error) });
    }
});
