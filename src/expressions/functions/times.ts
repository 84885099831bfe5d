import { type Evaluated, overflow } from '../evaluation.ts';
import { type Overload, type Overloads, overload } from './overload.ts';
import { floorDivided } from './time-ranges.ts';
import { zoneOffset } from './time-zone.ts';

const dayMilliseconds = 86_400_000;

/** Of an instant in a zone on a day that was not asked for before. */
const stepsOfZone = 1_000;

/** A part of an instant as a calendar has it, in UTC or in a zone that is written out. */
function calendarPart(part: (date: Date) => number): Overload[] {
  const read = (microseconds: bigint, offset: (milliseconds: number) => number): Evaluated => {
    const milliseconds = Number(floorDivided(microseconds, 1_000n));
    const date = new Date(milliseconds + offset(milliseconds));
    return Number.isNaN(date.getTime()) ? overflow : BigInt(part(date));
  };
  const utc = () => 0;
  const inZone: Overload = {
    ...overload(['timestamp', 'string'], 'int', () => null),
    prepare: (zone) => {
      const offset = zoneOffset(zone);
      const fix = 'Write a zone like "Europe/Berlin", "UTC" or "+02:00".';
      if (offset === undefined) return { problem: `there is no time zone ${JSON.stringify(zone)}`, fix };
      return { apply: (microseconds: bigint) => read(microseconds, offset), cost: { call: stepsOfZone } };
    },
  };
  return [overload(['timestamp'], 'int', (microseconds: bigint) => read(microseconds, utc)), inZone];
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / dayMilliseconds);
}

/** Of a duration, as a whole: `duration("90m").getHours()` is 1, and its `getMinutes()` 90. */
function whole(microseconds: bigint): Overload {
  return overload(['duration'], 'int', (value: bigint) => value / microseconds);
}

export const times: Overloads = {
  '.getFullYear': calendarPart((date) => date.getUTCFullYear()),
  '.getMonth': calendarPart((date) => date.getUTCMonth()),
  '.getDate': calendarPart((date) => date.getUTCDate()),
  '.getDayOfMonth': calendarPart((date) => date.getUTCDate() - 1),
  '.getDayOfWeek': calendarPart((date) => date.getUTCDay()),
  '.getDayOfYear': calendarPart(dayOfYear),
  '.getHours': [...calendarPart((date) => date.getUTCHours()), whole(3_600_000_000n)],
  '.getMinutes': [...calendarPart((date) => date.getUTCMinutes()), whole(60_000_000n)],
  '.getSeconds': [...calendarPart((date) => date.getUTCSeconds()), whole(1_000_000n)],
  '.getMilliseconds': [
    ...calendarPart((date) => date.getUTCMilliseconds()),
    overload(['duration'], 'int', (value: bigint) => (value / 1_000n) % 1_000n),
  ],
};
