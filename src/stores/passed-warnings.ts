type Warning = { warnings?(): Promise<string[]> };

/** What a store that stands in front of another has of its warnings: none where the other has none. */
export function passedWarnings(store: Warning): Warning {
  const warnings = store.warnings?.bind(store);
  return warnings === undefined ? {} : { warnings };
}
