import { controllerContract } from '../controllers/contract.ts'
import { storeContract } from './contract.ts'
import { kubeStore } from './kube-store-under-test.ts'

storeContract('An API server', kubeStore)
controllerContract('an API server', kubeStore)
