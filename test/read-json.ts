/** What tests read JSON by, whatever its keys. */
export { readJson } from "../local/read-json";
