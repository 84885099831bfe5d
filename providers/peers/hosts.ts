import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** That a host is not one of those that the operator allows. It names nothing that was looked up. */
export class RefusedHost extends Error {}

/**
 * Hosts by how the operator names them: a name (`redis.internal`), all names below one (`*.db.internal`), an address, or all
 * addresses of a network (`10.0.0.0/8`). A name that is none of these is looked up where networks are given: each of its
 * addresses must be in one of them.
 */
export class Hosts {
  readonly #names = new Set<string>();
  readonly #below: string[] = [];
  readonly #networks = new BlockList();
  readonly #hasNetworks: boolean;

  /** Fails with a `RangeError` that says which rule is none. */
  constructor(rules: readonly string[]) {
    let networks = 0;
    for (const rule of rules.map((written) => written.trim().toLowerCase())) {
      if (this.#addNetwork(rule)) networks++;
      else if (/^\*\.[a-z0-9._-]+$/.test(rule)) this.#below.push(rule.slice(1));
      else if (/^[a-z0-9._-]+$/.test(rule)) this.#names.add(plain(rule));
      else throw new RangeError(`${rule} is neither a host, nor *.domain, nor an address, nor a network as 10.0.0.0/8`);
    }
    this.#hasNetworks = networks > 0;
  }

  /** Undefined where only its addresses tell. */
  permits(host: string): boolean | undefined {
    const name = plain(host);
    const family = isIP(name);
    if (family !== 0) return this.#networks.check(name, family === 6 ? 'ipv6' : 'ipv4') || this.#names.has(name);
    if (this.#names.has(name) || this.#below.some((end) => name.endsWith(end))) return true;
    return this.#hasNetworks ? undefined : false;
  }

  /** Looks a host up for a connection, to nothing but what is allowed: the address that was checked is the one connected to. */
  readonly lookup: LookupFunction = (host, options, answer) => {
    const permitted = this.permits(host);
    if (permitted === false) return answer(refused(), []);
    dnsLookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return answer(error, []);
      const allowed = permitted === true || addresses.every(({ address }) => this.permits(address) === true);
      const [first] = addresses;
      if (!allowed || first === undefined) return answer(refused(), []);
      if (options.all === true) return answer(null, addresses);
      return answer(null, first.address, first.family);
    });
  };

  #addNetwork(rule: string): boolean {
    const [address = '', bits, ...more] = rule.split('/');
    const family = isIP(plain(address));
    if (family === 0 || more.length > 0) return false;
    const longest = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (!/^\d+$/.test(bits ?? '0') || prefix > longest) throw new RangeError(`${rule} is no network`);
    this.#networks.addSubnet(plain(address), prefix, family === 6 ? 'ipv6' : 'ipv4');
    return true;
  }
}

export function refused(): RefusedHost {
  return new RefusedHost('its host is not one that this server may connect to');
}

/** Without the brackets of an IPv6 address, or the dot that may end a name. */
function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Refuses a host that is an address, which is never looked up; names are checked when they are. */
export function refuseAddress(host: string, hosts: Hosts | undefined): void {
  if (hosts !== undefined && hosts.permits(host) === false) throw refused();
}
