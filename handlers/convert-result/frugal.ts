import { setFlagsFromString } from "node:v8";

/**
 * A conversion leaves buffers behind, which V8 does not count when it decides whether to look for what is no longer used:
 * with a young generation that stays as small as it begins, it looks more often. Conversions take no longer for either.
 */
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--optimize-for-size");
