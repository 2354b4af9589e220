import { claims } from '../fixtures/sync/condition.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
