/**
 * An executor over a Piscina pool of yours (https://github.com/piscinajs/piscina, version 5, to be installed by you).
 *
 * @module futures/piscina
 */

export { PiscinaExecutor } from '../pool/piscina-executor.ts';
export type { PiscinaLike } from '../pool/piscina-pool.ts';
