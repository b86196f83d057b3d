// The load of a rehearsal, run by k6: two constant arrival rates, half a step apart, one over new connections
// and one over kept ones. Prints one line of JSON for each request. Settings: rehearsal/load/plan.py.
import exec from 'k6/execution';
import http from 'k6/http';
import { SharedArray } from 'k6/data';

const read = () => JSON.parse(open(__ENV.PLAN));
const bodies = new SharedArray('bodies', () => read().bodies);
const [plan] = new SharedArray('plan', () => [{ ...read(), bodies: null }]);
const STEP = 2000 / plan.rate; // milliseconds between two requests of one scenario
const EXCERPT = 160;

const half = {
  executor: 'constant-arrival-rate',
  rate: plan.rate,
  timeUnit: '2s',
  duration: `${plan.seconds}s`,
  preAllocatedVUs: plan.senders / 2,
  gracefulStop: `${plan.patience + 1}s`,
};

export const options = {
  scenarios: {
    fresh: { ...half, exec: 'fresh' },
    kept: { ...half, exec: 'kept', startTime: `${Math.round(STEP / 2)}ms` },
  },
  systemTags: [],
  summaryTrendStats: ['max'],
};

export const fresh = () => ask('new', { 'Content-Type': 'application/json', Connection: 'close' });
export const kept = () => ask('reused', { 'Content-Type': 'application/json' });
export const handleSummary = ({ metrics }) => ({
  [__ENV.SUMMARY]: JSON.stringify({ dropped: metrics.dropped_iterations?.values.count ?? 0 }),
});

function ask(connection, headers) {
  const number = exec.scenario.iterationInTest;
  const index = number % bodies.length;
  const body = bodies[index];
  const due = exec.scenario.startTime + number * STEP;
  const lag = Math.max(0, Date.now() - due);
  const timeout = `${plan.patience}s`;
  const response = http.post(plan.url, body.text, { headers, timeout, redirects: 0 });
  const found = judge(response, index);
  // The parts are finer than the clock, but only an answer has them all.
  const parts = lag + response.timings.blocked + response.timings.duration;
  const ms = response.status === 0 ? Date.now() - due : parts;
  const told = { due: due / 1000, ms: Math.round(ms * 1000) / 1000, connection, kind: body.kind, body: index };
  console.log(JSON.stringify({ ...told, status: response.status, ...found, number, lag }));
}

function judge(response, index) {
  if (response.status === 0) {
    return { version: '', verdict: 'failed', reason: response.error || 'no answer' };
  }
  if (response.status !== 200) {
    const excerpt = String(response.body).slice(0, EXCERPT);
    return { version: '', verdict: 'failed', reason: `status ${response.status}: ${excerpt}` };
  }
  let answer = null;
  try {
    answer = JSON.parse(response.body);
  } catch {
    return { version: '', verdict: 'wrong', reason: 'the answer is not JSON' };
  }
  const version = String(answer?.model?.version ?? '');
  const right = plan.predictions[version];
  if (!right) {
    return { version, verdict: 'wrong', reason: 'nobody released this version' };
  }
  const given = answer.predictions ?? [answer.prediction];
  const wrong = difference(given, right[index]);
  return { version, verdict: wrong ? 'wrong' : 'ok', reason: wrong };
}

function difference(given, right) {
  if (given.length !== right.length) {
    return `${given.length} predictions for ${right.length} records`;
  }
  // Not `> tolerance`: what is no number compares with nothing.
  const at = right.findIndex((value, place) => !(Math.abs(given[place] - value) <= plan.tolerance));
  return at < 0 ? '' : `${given[at]} where the package predicts ${right[at]}`;
}
