import { unguardedRule } from '../unguarded-rule.js'

/** An endpoint that works for anybody. */
export const rule = unguardedRule('endpoint', {
  title: 'An endpoint does its work for anybody',
  fix: 'Ask for the session first, and answer 401 where there is none',
})
