/** A rejection that nobody handled means that something was dropped: the run fails. */
process.on("unhandledRejection", (reason) => {
    throw reason;
});
