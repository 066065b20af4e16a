import { z } from 'zod';

/** Idle time-outs, tried on what one machine's recordings hold. */
export const idleTimeoutsSchema = z
  .strictObject({
    machine: z.string(),
    spells: z
      .number()
      .int()
      .describe('spans of at least 5 minutes in which every GPU was provably idle'),
    longestSeconds: z.number(),
    rows: z.array(
      z.strictObject({
        afterSeconds: z.number().describe('the machine is stopped after this much idleness'),
        stops: z.number().int(),
        saved: z
          .strictObject({ gpuHours: z.number().min(0), cost: z.number().nullable() })
          .describe('an upper bound: starting again costs time, and the minimum of the provider'),
        endedWork: z
          .number()
          .int()
          .describe('stops that would have ended a process whose GPU worked again later'),
        restarts: z
          .number()
          .int()
          .describe('stops after which the machine was used again in the same run'),
      }),
    ),
    kneeSeconds: z
      .number()
      .nullable()
      .describe(
        'the shortest time-out that ends as little work as the longest: waiting longer only costs',
      ),
    chargedAlways: z.boolean().describe('a commitment: stopping saves nothing'),
    ending: z
      .array(
        z.strictObject({
          action: z.string(),
          compute: z.enum(['ends', 'continues']),
          keeps: z.array(z.string()),
          note: z.string().nullable(),
        }),
      )
      .describe(
        'what each way of ending does to the bill at this provider; empty where it is not known',
      ),
  })
  .describe('back-test on what was recorded, no forecast');
