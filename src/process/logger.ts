/**
 * The logger of `multiprocessing`: what happens to processes, and what programs want to say about theirs. Its level, and
 * whether it prints, hold for all threads of the process and for the children that it starts; handlers are functions of
 * the thread that has added them.
 */

import { format } from 'node:util';
import { ValueError } from '../errors.ts';
import { LOG_LEVEL, LOG_TO_STDERR } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { describe } from '../sync/timeout.ts';
import { writeFully } from '../thread/output.ts';
import { placeOf, processHere } from './here.ts';
import { ProcessRecord } from './record.ts';

/** A level by its name in Python's `logging`. */
export type LogLevelName = 'NOTSET' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';
/** A level: `'INFO'`, or the number behind it, 20. */
export type LogLevel = LogLevelName | number;

const LEVELS: Record<LogLevelName, number> = { NOTSET: 0, DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 };

/** What a handler is told. */
export interface LogRecord {
  /** `multiprocessing` */
  readonly name: string;
  readonly levelno: number;
  readonly levelname: string;
  readonly message: string;
  readonly processName: string;
  /** When, in seconds since 1970. */
  readonly created: number;
}

/** Is called with each record whose level is high enough. */
export type LogHandler = (record: LogRecord) => void;

/**
 * What {@link getLogger} gives: the part of Python's `logging.Logger` that programs use with `multiprocessing`. Messages
 * have the placeholders of `util.format` (`%s`, `%d`, `%o`).
 *
 * Without {@link logToStderr} and without a handler, warnings and worse are printed as they are, and the rest is dropped.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#logging
 */
export class Logger {
  readonly name = 'multiprocessing';
  readonly #handlers = new Set<LogHandler>();

  /** The level that was set; 0 (`NOTSET`) counts as `WARNING`. */
  get level(): number {
    return Atomics.load(localMemory().i32, LOG_LEVEL);
  }

  /** @throws TypeError, ValueError it is no level */
  setLevel(level: LogLevel): void {
    Atomics.store(localMemory().i32, LOG_LEVEL, checkLevel(level, 'Logger.setLevel'));
  }

  /** The lowest level that is not dropped. */
  getEffectiveLevel(): number {
    return this.level || LEVELS.WARNING;
  }

  /** Whether a message of that level would not be dropped. */
  isEnabledFor(level: LogLevel): boolean {
    return checkLevel(level, 'Logger.isEnabledFor') >= this.getEffectiveLevel();
  }

  /** Has the handler told of every record of this thread. @throws TypeError it is no function */
  addHandler(handler: LogHandler): void {
    if (typeof handler !== 'function') {
      throw new TypeError(`Logger.addHandler: needs a function, not ${describe(handler)}`);
    }
    this.#handlers.add(handler);
  }

  /** Takes a handler back. */
  removeHandler(handler: LogHandler): void {
    this.#handlers.delete(handler);
  }

  /** Says something at `DEBUG`. */
  debug(message: unknown, ...args: unknown[]): void {
    this.log(LEVELS.DEBUG, message, ...args);
  }

  /** Says something at `INFO`. */
  info(message: unknown, ...args: unknown[]): void {
    this.log(LEVELS.INFO, message, ...args);
  }

  /** Says something at `WARNING`. */
  warning(message: unknown, ...args: unknown[]): void {
    this.log(LEVELS.WARNING, message, ...args);
  }

  /** Says something at `ERROR`. */
  error(message: unknown, ...args: unknown[]): void {
    this.log(LEVELS.ERROR, message, ...args);
  }

  /** Says something at `CRITICAL`. */
  critical(message: unknown, ...args: unknown[]): void {
    this.log(LEVELS.CRITICAL, message, ...args);
  }

  /** Says something at a level. @throws TypeError, ValueError it is no level */
  log(level: LogLevel, message: unknown, ...args: unknown[]): void {
    const levelno = checkLevel(level, 'Logger.log');
    if (levelno < this.getEffectiveLevel()) return;
    const text = format(message, ...args);
    const toStderr = Atomics.load(localMemory().i32, LOG_TO_STDERR) === 1;
    if (!toStderr && this.#handlers.size === 0) {
      if (levelno >= LEVELS.WARNING) writeFully(2, `${text}\n`);
      return;
    }
    const processName = new ProcessRecord(placeOf(processHere())).name;
    const levelname = nameOf(levelno);
    if (toStderr) writeFully(2, `[${levelname}/${processName}] ${text}\n`);
    const record = { name: this.name, levelno, levelname, message: text, processName, created: Date.now() / 1000 };
    for (const handler of this.#handlers) handler(record);
  }
}

function checkLevel(level: unknown, who: string): number {
  if (typeof level === 'string') {
    const known = (LEVELS as Record<string, number>)[level];
    if (known !== undefined) return known;
    throw new ValueError(
      `${who}: there is no level ${describe(level)}; it is one of ${Object.keys(LEVELS).join(', ')}`,
    );
  }
  if (!Number.isInteger(level)) {
    throw new TypeError(`${who}: the level must be a name such as 'INFO' or an integer, not ${describe(level)}`);
  }
  if ((level as number) < 0) throw new ValueError(`${who}: a level is not negative, as ${level} is`);
  return level as number;
}

function nameOf(level: number): string {
  return Object.entries(LEVELS).find(([, number]) => number === level)?.[0] ?? `Level ${level}`;
}

let logger: Logger | undefined;

/**
 * The logger of `multiprocessing`, one for each thread.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_logger
 */
export function getLogger(): Logger {
  logger ??= new Logger();
  return logger;
}

/**
 * Has the logger print to the standard error output, as `[INFO/Process-1] message`, here and in the children that are
 * started from now on. At `'INFO'` it tells when children begin and end.
 * @param level the lowest level that is printed; absent: it stays as it is (`WARNING` at first).
 * @returns the logger.
 * @throws TypeError, ValueError it is no level.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.log_to_stderr
 */
export function logToStderr(level?: LogLevel | null): Logger {
  const found = getLogger();
  if (level !== undefined && level !== null) found.setLevel(checkLevel(level, 'logToStderr'));
  Atomics.store(localMemory().i32, LOG_TO_STDERR, 1);
  return found;
}

/** How this process logs, for a child; `null` if nothing was set. */
export function logSettings(): [level: number, toStderr: number] | null {
  const w = localMemory().i32;
  const settings: [number, number] = [Atomics.load(w, LOG_LEVEL), Atomics.load(w, LOG_TO_STDERR)];
  return settings.some((word) => word !== 0) ? settings : null;
}

/** This child logs as its parent does, and tells of its beginning and its end. */
export function logAsParent(settings: [level: number, toStderr: number] | null): void {
  if (settings === null) return;
  const w = localMemory().i32;
  Atomics.store(w, LOG_LEVEL, settings[0]);
  Atomics.store(w, LOG_TO_STDERR, settings[1]);
  getLogger().info('child process calling self.run()');
  process.on('exit', (code) => {
    getLogger().info('process shutting down');
    getLogger().info('process exiting with exitcode %d', code);
  });
}
