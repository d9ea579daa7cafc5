/** Why a result can't be kept, however often that is tried. */
export class Refusal extends Error {}
