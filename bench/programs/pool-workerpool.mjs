import workerpool from 'workerpool';
import { same } from './pool-work.mjs';

workerpool.worker({ same });
