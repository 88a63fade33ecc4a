import { unguardedRule } from '../unguarded-rule.js'

/** A server action is an endpoint that looks like a function: whoever has its id can call it. */
export const rule = unguardedRule('action', {
  title: 'A server action does its work for anybody',
  fix: 'Ask for the session inside the action: the page that shows its form guards nothing',
})
