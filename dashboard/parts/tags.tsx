import { Link } from '@tanstack/react-router';

/** Each leads to what else has it. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return <span className="text-soft">none</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {tags.map((tag) => (
        <Link
          key={tag}
          to="/resources"
          search={{ tag }}
          className="rounded-full bg-raised px-2 py-0.5 text-xs hover:bg-accent-ground"
        >
          {tag}
        </Link>
      ))}
    </span>
  );
}
