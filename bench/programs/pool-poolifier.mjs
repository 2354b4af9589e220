import { ThreadWorker } from 'poolifier';
import { same } from './pool-work.mjs';

export default new ThreadWorker(same);
