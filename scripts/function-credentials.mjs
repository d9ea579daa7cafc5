// What the functions' AWS clients have instead of all ways to find credentials: Lambda gives a function its role's in the
// environment, and the other ways are a fifth of each bundle.
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = fromEnv;
