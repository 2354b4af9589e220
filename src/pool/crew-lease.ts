import { Place, SharedObject } from '../memory/handle.ts';
import { CREW_LEASE } from '../memory/kinds.ts';
import type { Crew } from './crew.ts';

/** What a client holds, so that a crew without clients is closed. */
export class CrewLease extends SharedObject {
  static for(crew: Crew): CrewLease {
    const { memory, payload } = crew.place;
    const place = Place.fresh(memory, 4, CREW_LEASE);
    memory.holdings.retain(payload);
    memory.i32[place.base] = payload;
    return new CrewLease(place);
  }

  constructor(place: Place) {
    super(place);
  }
}
