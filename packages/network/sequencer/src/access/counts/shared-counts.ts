import { randomUUID } from 'node:crypto';
import { batch } from '@heurist/server-kit/batch';
import type { Clock } from '@heurist/server-kit/clock';
import type { Database, Sql } from '../../database/database.ts';
import { lockNames } from '../../database/lock-names.ts';
import { countElsewhere, deleteIdle, deleteReplica, recordReplica, writeCounts } from './open-request-table.ts';

/** How often a replica that holds something says that it is there, and returns what it does not need. */
export const REFRESH_MS = 5000;
/** How long room near a limit is kept for whoever comes back: a long poll that ended is usually made again. */
const KEEP_MS = 250;
/** Up to this part of a limit, room that nobody uses is returned with the next refresh. */
const FAR = 1 / 8;

/** Where something counts, and how much may be there. */
export interface Asked {
  place: string;
  most: number;
  /** How much it takes. Default 1. */
  amount?: number;
}

/** What a replica knows of a place. */
interface Room {
  used: number;
  /** What the database says that this replica holds: never less than is used. */
  reserved: number;
  /** What others held when it last looked. */
  elsewhere: number;
  most: number;
  isReturning: boolean;
}

type Change = { take: readonly Asked[] } | { giveBack: string } | { refresh: true };

/** A place that is full, and how many are there. */
export interface Full extends Asked {
  count: number;
}

/**
 * Counts over all replicas, exactly. Each replica reserves room in the database, under a lock of the place, and serves those
 * who come back from the room that it has: so most calls cost no statement.
 */
export class SharedCounts {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #replica_id = randomUUID();
  readonly #rooms = new Map<string, Room>();
  readonly #change = batch((changes: readonly Change[]) => this.#apply(changes));
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Takes what is asked at each of these places, or at none: then returns the place that is full. */
  async take(asked: readonly Asked[]): Promise<Full | undefined> {
    const rooms = asked.map(({ place }) => this.#rooms.get(place));
    const isKnown = this.#clock.now() - this.#seenAt < 2 * REFRESH_MS;
    const hasRoom = asked.every(({ most, amount = 1 }, index) => {
      const room = rooms[index];
      return room && room.used + amount <= Math.min(room.reserved, most);
    });
    if (!isKnown || !hasRoom) return await this.#change({ take: asked });
    for (const [index, { amount = 1 }] of asked.entries()) rooms[index]!.used += amount;
    return undefined;
  }

  /** Ends what was taken. */
  release(asked: readonly Asked[]): void {
    for (const { place, amount = 1 } of asked) {
      const room = this.#rooms.get(place);
      if (!room) continue;
      room.used -= amount;
      const isNear = room.reserved + room.elsewhere > room.most * FAR;
      if (isNear && !room.isReturning) void this.#giveBackSoon(place, room);
    }
  }

  async #giveBackSoon(place: string, room: Room): Promise<void> {
    room.isReturning = true;
    await this.#clock.sleep(KEEP_MS);
    room.isReturning = false;
    // what is not returned now is returned with the next refresh
    if (room.used < room.reserved) await this.#change({ giveBack: place }).catch(() => {});
  }

  /** Says that this replica is there, and returns what it does not need. */
  async refresh(): Promise<void> {
    if (this.#rooms.size && this.#clock.now() - this.#seenAt >= REFRESH_MS) await this.#change({ refresh: true });
  }

  /** Returns everything: this replica ends. */
  async close(): Promise<void> {
    if (this.#seenAt > Number.NEGATIVE_INFINITY) await deleteReplica(this.#database, this.#replica_id);
  }

  /** One batch at a time: what is written follows what is known here. */
  async #apply(changes: readonly Change[]): Promise<(Full | undefined)[]> {
    const taken: Asked[] = [];
    try {
      return await this.#database.transaction(async (sql) => {
        const mustWriteAll = await this.#recordReplica(sql, changes);
        const elsewhere = await this.#lookElsewhere(sql, changes);
        // no await from here to the write: rooms change while this waits
        const outcomes = changes.map((change) =>
          'take' in change ? this.#take(change.take, elsewhere, taken) : undefined,
        );
        this.#giveBack(changes);
        const written = mustWriteAll ? [...this.#rooms.keys()] : placesOf(changes);
        await writeCounts(sql, this.#replica_id, this.#reservedAt(written));
        if (mustWriteAll) await deleteIdle(sql, this.#replica_id);
        return outcomes;
      });
    } catch (error) {
      // whether it was written is unknown: the next refresh writes everything
      for (const { place, amount = 1 } of taken) this.#rooms.get(place)!.used -= amount;
      for (const room of this.#rooms.values()) room.reserved = room.used;
      this.#seenAt = Math.min(this.#seenAt, this.#clock.now() - REFRESH_MS);
      throw error;
    }
  }

  /** Returns whether everything must be written: now and then, since the database forgets replicas that say nothing. */
  async #recordReplica(sql: Sql, changes: readonly Change[]): Promise<boolean> {
    const isDue = this.#clock.now() - this.#seenAt >= REFRESH_MS || changes.some((change) => 'refresh' in change);
    if (!isDue) return false;
    await recordReplica(sql, this.#replica_id);
    this.#seenAt = this.#clock.now();
    return true;
  }

  async #lookElsewhere(sql: Sql, changes: readonly Change[]): Promise<Map<string, number>> {
    const places = placesOf(changes.filter((change) => 'take' in change));
    if (!places.length) return new Map();
    await lockNames(
      sql,
      places.map((place) => `open ${place}`),
    );
    const counts = await countElsewhere(sql, this.#replica_id, places);
    return new Map(places.map((place, index) => [place, counts[index]!]));
  }

  #take(asked: readonly Asked[], elsewhere: ReadonlyMap<string, number>, taken: Asked[]): Full | undefined {
    for (const { place, most, amount = 1 } of asked) {
      const room = this.#rooms.get(place);
      const count = (elsewhere.get(place) ?? 0) + (room?.used ?? 0);
      if (count + amount > most) return { place, most, count };
    }
    for (const each of asked) {
      const { place, most, amount = 1 } = each;
      const room = this.#rooms.get(place) ?? { used: 0, reserved: 0, elsewhere: 0, most, isReturning: false };
      this.#rooms.set(place, room);
      room.used += amount;
      room.reserved = Math.max(room.reserved, room.used);
      room.elsewhere = elsewhere.get(place) ?? 0;
      room.most = most;
      taken.push(each);
    }
    return undefined;
  }

  #giveBack(changes: readonly Change[]): void {
    const isRefresh = changes.some((change) => 'refresh' in change);
    const places = isRefresh
      ? [...this.#rooms.keys()]
      : changes.flatMap((change) => ('giveBack' in change ? change.giveBack : []));
    for (const place of places) {
      const room = this.#rooms.get(place);
      if (room) room.reserved = room.used;
    }
  }

  /** What must be written for these places. Those where nothing is held are forgotten. */
  #reservedAt(places: readonly string[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const place of places) {
      const room = this.#rooms.get(place);
      counts.set(place, room?.reserved ?? 0);
      if (room && !room.reserved && !room.isReturning) this.#rooms.delete(place);
    }
    return counts;
  }
}

function placesOf(changes: readonly Change[]): string[] {
  return [
    ...new Set(
      changes.flatMap((change) => {
        if ('take' in change) return change.take.map(({ place }) => place);
        return 'giveBack' in change ? change.giveBack : [];
      }),
    ),
  ];
}
