// What tests may do to the model that programs cannot do to a kernel.
#pragma once

namespace kqueue_model {

// The EV_ADD after `successes` more of them fails with ENOMEM: "No memory was
// available to register the event". One only.
void fail_add_after(int successes);

}  // namespace kqueue_model
