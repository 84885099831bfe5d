import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import type { Point } from './use-rate.ts';

/** Rows over time. What it shows is said in words beside it. */
export function RateChart({ points }: { points: readonly Point[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const ink = getComputedStyle(element).color;
    const axis = { stroke: ink, grid: { stroke: `color-mix(in srgb, ${ink} 15%, transparent)` } };
    const drawn = new UPlot(
      {
        width: element.clientWidth,
        height: 180,
        legend: { show: false },
        axes: [axis, { ...axis, size: 70 }],
        series: [{}, { label: 'rows', stroke: ink, width: 2 }],
      },
      [[], []],
      element,
    );
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: 180 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, []);
  useEffect(() => {
    chart.current?.setData([points.map(({ atSeconds }) => atSeconds), points.map(({ rows }) => rows)]);
  }, [points]);
  return <div ref={place} className="panel p-2 text-accent" aria-hidden />;
}
