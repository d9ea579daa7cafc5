export { type CaptureOptions, capture, ProgramError } from "./capture";
export type * from "./faults";
export { FaultsError } from "./faults/check";
export type { Entry, Journal } from "./journal";
export { LocalPipeline, type LocalPipelineOptions } from "./pipeline";
export type { Report, ReportedRun } from "./report";
export { type Row, toJson } from "./rows";
