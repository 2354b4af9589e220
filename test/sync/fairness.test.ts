import { claims } from '../fixtures/sync/fairness.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims, { alone: true });
