import { sha256Hex } from '#sha256'
import { compareBytes, stringifyGo } from '../json/stringify.ts'
import type { Group, GroupIdentity, GroupMember } from '../model/group.ts'
import { optional } from './members.ts'

/** In the order that the hash needs: by identity, otherwise as given. */
export const sortMembers = (members: readonly GroupMember[]): GroupMember[] =>
  members.toSorted((a, b) => compareBytes(a.identity, b.identity))

function membersJson({ namespace, name, members }: GroupIdentity): string {
  const list = members.map(({ identity, node }) => {
    const both = optional('identity', identity) + optional('node', node)
    return `{${both.slice(1)}}`
  })
  const first = optional('namespace', namespace)
  return `${first === '' ? '' : `${first.slice(1)},`}"name":${stringifyGo(name)},"members":[${list.join(',')}]`
}

/** The hashed part of a group, its members sorted. */
export const groupIdentityJson = (group: GroupIdentity): string =>
  `{${membersJson({ ...group, members: sortMembers(group.members) })}}`

/** The hash of a group, which is its id. */
export const hashGroup = (group: GroupIdentity): string => sha256Hex(groupIdentityJson(group))

/** A group as it travels, its members as given; local names stay at home. */
export const groupJson = (group: Group): string =>
  `{${membersJson(group)}${optional('message', group.message)}` +
  `${optional('hash', group.hash)}${optional('created', group.created)}}`
