/**
 * Does something that a subscription tells of, until it has told: whatever happens from then on, it tells. A server
 * answers nothing to the beginning of a subscription.
 */
export async function subscribed(hasTold: () => boolean, poke: (time: number) => Promise<unknown>): Promise<void> {
  for (let time = 0; !hasTold(); time++) {
    await poke(time);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
