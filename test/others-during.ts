/** How often others are looked after while some work of this process is done: each time that the event loop comes round. */
export async function othersDuring(work: () => unknown): Promise<number> {
  let others = 0;
  let isOver = false;
  const look = () => {
    others++;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isOver = true;
  return others;
}
