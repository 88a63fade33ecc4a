import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Place } from './place.ts'
import { anyAddress, signedUp } from './visitor.ts'

interface Given {
  readonly url: string
  readonly place: Place
  readonly browser: Browser
}

/** What somebody does with the pages, in the order of the tests: each goes on where the last one ended. */
export function journeySuite(javaScriptEnabled: boolean, given: () => Given): void {
  let context: BrowserContext
  let page: Page
  let url: string
  const email = `carol-${crypto.randomUUID()}@example.com`
  const trouble: string[] = []

  beforeAll(async () => {
    url = given().url
    context = await given().browser.newContext({
      javaScriptEnabled,
      extraHTTPHeaders: { 'x-forwarded-for': anyAddress() },
    })
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    page.on('pageerror', (error) => trouble.push(String(error)))
  })
  afterAll(() => context?.close())

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const follow = (name: string) => page.getByRole('link', { name, exact: true }).click()
  const field = (name: string) => page.getByRole('textbox', { name })
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

  /** How a field says that something is wrong: to the eye, to a screen reader, and where the keyboard is. */
  async function wrong(name: string): Promise<object> {
    const control = field(name)
    await page.locator('[aria-invalid="true"]').first().waitFor()
    const described = ((await control.getAttribute('aria-describedby')) ?? '').split(' ').at(-1)
    return {
      invalid: await control.getAttribute('aria-invalid'),
      says: await page.locator(`#${described}`).textContent(),
      hasFocus: (await page.evaluate('document.activeElement.id')) === (await control.getAttribute('id')),
    }
  }
  test('sign up, with a password that is too short first', async () => {
    await page.goto(url)
    await follow('Sign up')
    await field('Name').fill('Carol')
    await field('E-mail').fill(email)
    await page.getByLabel('Password').fill('short')
    await press('Sign up')
    await page.locator('#password-error').waitFor()
    expect(await page.locator('#password-error').textContent()).toContain('at least 8')
    // Nobody writes it all twice, and a password does not come back.
    expect([await field('Name').inputValue(), await field('E-mail').inputValue()]).toEqual(['Carol', email])
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await page.getByLabel('Password').fill('correct horse battery')
    await press('Sign up')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await heading('Newest posts')
  })

  test('create a post, with a field left empty first', async () => {
    await follow('Write')
    await heading('Write a post')
    await field('Title').fill('What Carol saw')
    await press('Publish')
    expect(await wrong('Text')).toEqual(saying('Write something'))
    expect(await field('Title').inputValue()).toBe('What Carol saw')
    await field('Text').fill('A lantern.\n\nThen nothing.')
    await press('Publish')
    await heading('What Carol saw')
    expect(new URL(page.url()).pathname).toMatch(/^\/posts\/\d+$/)
    await page.goto(url)
    await page.getByRole('link', { name: 'What Carol saw' }).first().waitFor()
  })

  test('edit it', async () => {
    await page.getByRole('link', { name: 'What Carol saw' }).first().click()
    await follow('Edit')
    await heading('Edit your post')
    await field('Title').fill('')
    await press('Save')
    expect(await wrong('Title')).toEqual(saying('Give it a title'))
    await field('Title').fill('What Carol saw at night')
    await press('Save')
    await heading('What Carol saw at night')
    expect(await page.locator('article').textContent()).toContain('A lantern.')
  })

  test('comment on it', async () => {
    await press('Comment')
    expect(await wrong('Comment')).toEqual(saying('Write something'))
    await field('Comment').fill('And again the next day.')
    await press('Comment')
    await page.getByRole('listitem').filter({ hasText: 'And again the next day.' }).waitFor()
  })

  test('find nothing at another’s edit page, and change nothing', async () => {
    const alice = await signedUp(url, 'Alice')
    const { id } = (await alice.send('POST', '/api/posts', { title: 'Alice’s own', body: 'Text' })).body as {
      id: string
    }
    const before = await given().place.rows()
    const response = await page.goto(`${url}/posts/${id}/edit`)
    expect(response?.status()).toBe(404)
    // Next.js draws what notFound() shows by JavaScript; without it there is the status alone.
    if (javaScriptEnabled) await heading('There is nothing here')
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0)
    expect(await given().place.rows()).toEqual(before)
  })

  test('delete what one has written', async () => {
    await page.goto(url)
    await page.getByRole('link', { name: 'What Carol saw at night' }).first().click()
    await heading('What Carol saw at night')
    const address = page.url()
    await follow('Edit')
    await page.getByText('Delete this post').click()
    await press('Delete for good')
    await heading('Newest posts')
    expect(await page.getByRole('link', { name: 'What Carol saw' }).count()).toBe(0)
    expect((await page.goto(address))?.status()).toBe(404)
  })

  test('page through fifty posts by cursor and by number, and meet the same ones', async () => {
    const titles = () => page.locator('main .list a').allTextContents()
    const byCursor: string[] = []
    await page.goto(url)
    for (;;) {
      const shown = await titles()
      byCursor.push(...shown)
      const older = page.getByRole('link', { name: 'Older', exact: true })
      if ((await older.count()) === 0) break
      const from = page.url()
      await older.click()
      await page.waitForURL((to) => to.href !== from)
    }
    await page.goto(url)
    await follow('Archive')
    await heading('Archive')
    const byNumber: string[] = []
    for (let number = 1; ; number += 1) {
      await page.locator(`[aria-current="page"]:text-is("${number}")`).waitFor()
      byNumber.push(...(await titles()))
      const next = page.getByRole('link', { name: `${number + 1}`, exact: true })
      if ((await next.count()) === 0) break
      await next.click()
    }
    expect(byCursor.length).toBeGreaterThanOrEqual(50)
    expect(byNumber).toEqual(byCursor)
  })

  test('say what others may know of one', async () => {
    await follow('Account')
    await field('About you').fill('Watches the east gate.')
    await press('Save')
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    expect(await field('About you').inputValue()).toBe('Watches the east gate.')
  })

  test('sign out, and in again, with a wrong password first', async () => {
    await press('Sign out')
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
    await page.goto(`${url}/account`)
    await heading('Sign in')
    await field('E-mail').fill(email)
    await page.getByLabel('Password').fill('not the password')
    await press('Sign in')
    await page.locator('main [role="alert"]').waitFor()
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
    await page.getByLabel('Password').fill('correct horse battery')
    await press('Sign in')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
  })

  test('reach the content by keyboard, past the navigation', async () => {
    await page.goto(url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
  })

  test('all without an error in the browser', () => expect(trouble).toEqual([]))
}

function saying(says: string): object {
  return { invalid: 'true', says, hasFocus: true }
}
