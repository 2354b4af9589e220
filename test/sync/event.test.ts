import { claims } from '../fixtures/sync/event.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
