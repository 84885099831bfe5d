/**
 * Tries again until it holds. The limit is no promise of the product, and is far beyond what the most loaded machine
 * needs: a test that fails waits for it, one that passes never does.
 */
export async function eventually(holds: () => Promise<void>, withinMs = 180_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; ; ) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
