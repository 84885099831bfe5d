/** Tries again until it holds, for as long as a slow machine may need. */
export async function eventually(holds: () => Promise<void>, withinMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; ; ) {
    try {
      return await holds();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
