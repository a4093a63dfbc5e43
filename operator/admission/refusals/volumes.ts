/** What no volume beside the sidecar's may be. */

import type { InjectionRefusal } from '../injection.ts'
import { enrolAudiencePrefix, ourVolumes } from '../names.ts'
import { refuse } from './catalogue.ts'
import type { PodSpec } from '../pod.ts'

export function volumeRefusals(spec: PodSpec): readonly InjectionRefusal[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const field = `spec.volumes[${index}]`
    const found: InjectionRefusal[] = []
    if (volume.hostPath !== undefined)
      found.push(
        refuse(
          'HostPath',
          `${field}.hostPath`,
          `the volume is ${volume.hostPath.path} of the node`,
        ),
      )
    // Those of our names are compared with what is rendered.
    if (!ourVolumes.includes(volume.name))
      for (const [source, { serviceAccountToken }] of (volume.projected?.sources ?? []).entries())
        if (isEnrolAudience(serviceAccountToken?.audience ?? ''))
          found.push(
            refuse(
              'EnrolAudience',
              `${field}.projected.sources[${source}].serviceAccountToken.audience`,
              'the volume holds a token that makes its reader a sidecar',
            ),
          )
    return found
  })
}

/** Of any cluster: a token for another cluster's operator has no use here either. */
export function isEnrolAudience(audience: string): boolean {
  return audience === enrolAudiencePrefix || audience.startsWith(`${enrolAudiencePrefix}/`)
}
