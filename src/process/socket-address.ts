/**
 * Addresses of sockets: as the program writes them (`['127.0.0.1', 5000]`, `{ host, port }`, a path), and as the system
 * wants them (`sockaddr`: the family in the machine's order, then port and address in the network's order, or the path).
 */

import { mkdtempSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OSError, ValueError } from '../errors.ts';
import { loadSockets, type SocketFamily } from '../memory/libc-sockets.ts';
import { describe } from '../sync/timeout.ts';

/** A host and a port, as in Python. Port 0: any that is free. */
export type InetAddress = readonly [host: string, port: number] | { readonly host: string; readonly port: number };
/** An address: host and port, or the path of a Unix socket (one that begins with NUL is a name without a file). */
export type Address = InetAddress | string;
/** The families of addresses. `AF_PIPE` is Windows'. */
export type Family = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';

/** Loaded when the first address is read: it costs every thread some time. */
const net = (): typeof import('node:net') => process.getBuiltinModule('node:net');

const INET = 2;
const INET6 = 10;
const LONGEST_PATH = 107;

export interface Endpoint {
  family: SocketFamily;
  /** Empty for a path. */
  host: string;
  port: number;
  path: string;
}

/** Reads an address and a family, of which either may be absent. @throws TypeError, ValueError */
export function endpointOf(address: unknown, family: unknown, who: string): Endpoint {
  if (family === 'AF_PIPE') throw new ValueError(`${who}: the family AF_PIPE is Windows'; use AF_UNIX or AF_INET`);
  if (family !== undefined && family !== null && !FAMILIES.includes(family as SocketFamily)) {
    throw new ValueError(`${who}: family must be one of ${FAMILIES.join(', ')}, not ${describe(family)}`);
  }
  const endpoint = typeof address === 'string' ? unixEndpoint(address, who) : inetEndpoint(address, family, who);
  if (family !== undefined && family !== null && endpoint.family !== family) {
    throw new ValueError(`${who}: the address ${show(endpoint)} is not one of the family ${family}`);
  }
  return endpoint;
}

const FAMILIES: SocketFamily[] = ['AF_INET', 'AF_INET6', 'AF_UNIX'];

function unixEndpoint(path: string, who: string): Endpoint {
  if (path === '') throw new ValueError(`${who}: the path is empty; leave the address out for a fresh one`);
  if (path.startsWith('\\\\')) {
    throw new ValueError(`${who}: ${describe(path)} is the name of a pipe of Windows; give a path or [host, port]`);
  }
  if (path.indexOf('\0', 1) !== -1) throw new ValueError(`${who}: the path ${describe(path)} has a NUL in it`);
  const length = Buffer.byteLength(path);
  if (length > LONGEST_PATH) {
    throw new OSError(`${who}: AF_UNIX path too long: it has ${length} bytes, ${LONGEST_PATH} is the most`);
  }
  return { family: 'AF_UNIX', host: '', port: 0, path };
}

function inetEndpoint(address: unknown, family: unknown, who: string): Endpoint {
  const [host, port] = Array.isArray(address)
    ? address
    : [(address as { host: string } | undefined)?.host, (address as { port: number } | undefined)?.port];
  if (typeof host !== 'string' || typeof port !== 'number' || (Array.isArray(address) && address.length !== 2)) {
    throw new ValueError(`${who}: an address is [host, port], { host, port } or a path, not ${describe(address)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new ValueError(`${who}: port must be an integer from 0 to 65535, not ${describe(port)}`);
  }
  return { family: family === 'AF_INET6' || net().isIPv6(host) ? 'AF_INET6' : 'AF_INET', host, port, path: '' };
}

/** An address of a family of which none was given: of this machine only. */
export function freshEndpoint(family: unknown, who: string): Endpoint {
  if (family === 'AF_INET') return endpointOf(['127.0.0.1', 0], family, who);
  if (family === 'AF_INET6') return endpointOf(['::1', 0], family, who);
  // Nobody but this user may enter the folder.
  const folder = mkdtempSync(join(process.getBuiltinModule('node:os').tmpdir(), 'threadwork-'));
  try {
    return endpointOf(join(folder, 'listener'), family, who);
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
}

/** Removes the folder that {@link freshEndpoint} made. */
export function removeFresh(endpoint: Endpoint): void {
  try {
    rmdirSync(dirname(endpoint.path));
  } catch {
    // Somebody has put something into it, or has removed it.
  }
}

/** An address in a message. */
export function show({ family, host, port, path }: Endpoint): string {
  return family === 'AF_UNIX' ? JSON.stringify(path) : `['${host}', ${port}]`;
}

/** The addresses as the system wants them: a name may have more than one. Blocks while a name is looked up. */
export function sockaddrsOf({ family, host, port, path }: Endpoint): Buffer[] {
  if (family === 'AF_UNIX') {
    const name = Buffer.from(path);
    // A path ends with NUL; a name without a file begins with it, and has the length that it has.
    const sockaddr = Buffer.alloc(2 + name.length + (path.startsWith('\0') ? 0 : 1));
    sockaddr.writeUInt16LE(1);
    sockaddr.set(name, 2);
    return [sockaddr];
  }
  if (family === 'AF_INET' && (host === '' || net().isIPv4(host))) {
    const sockaddr = Buffer.alloc(16);
    sockaddr.writeUInt16LE(INET);
    sockaddr.writeUInt16BE(port, 2);
    sockaddr.set((host === '' ? '0.0.0.0' : host).split('.').map(Number), 4);
    return [sockaddr];
  }
  const found = loadSockets().resolve(host === '' ? '::' : host, family);
  for (const sockaddr of found) sockaddr.writeUInt16BE(port, 2);
  return found;
}

/** The address that the system gives. */
export function addressOf(sockaddr: Buffer): readonly [string, number] | string {
  const family = sockaddr.length >= 2 ? sockaddr.readUInt16LE() : 1;
  if (family === INET) return [sockaddr.subarray(4, 8).join('.'), sockaddr.readUInt16BE(2)];
  if (family === INET6) {
    const groups = Array.from({ length: 8 }, (_, i) => sockaddr.readUInt16BE(8 + i * 2).toString(16));
    const { SocketAddress } = net();
    const { address } = new SocketAddress({ address: groups.join(':'), family: 'ipv6' });
    return [address, sockaddr.readUInt16BE(2)];
  }
  const name = sockaddr.toString('utf8', 2);
  return name.startsWith('\0') ? name : name.replace(/\0.*$/s, '');
}
