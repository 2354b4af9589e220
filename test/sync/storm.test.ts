import { claims } from '../fixtures/sync/storm.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims, { alone: true });
