/** A name that goes on in the next line, where there is little room, behind its view: `airport_delays@v1:` and `late_share_24h`. */
export function Breakable({ text }: { text: string }) {
  return text.split(/(?<=:)/).map((part) => (
    <span key={part} className="max-sm:inline-block">
      {part}
    </span>
  ));
}
