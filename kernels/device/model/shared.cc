#include "kernels/device/model/shared.h"

#include "kernels/device/model/address.h"
#include "kernels/device/model/text.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device {

namespace model {

char* shared_bytes(const Cta& cta, u32 address, u64 bytes, u32 alignment, const char* what) {
  const u64 end = u64{cta.base} + cta.shared.size();
  if (address < cta.base || address + bytes > end) {
    fail(text(what, ": shared address ", hex(address), " + ", bytes, " is outside [", hex(cta.base),
              ", ", hex(end), ")"));
  }
  if (address % alignment != 0) {
    fail(text(what, ": shared address ", hex(address), " is not aligned to ", alignment, " bytes"));
  }
  return const_cast<char*>(cta.shared.data()) + (address - cta.base);
}

void read_shared(const Cta& cta, u32 address, u32 bytes, const Access& access,
                 const Observer& observer) {
  const Conflict it = cta.shadow->read(address - cta.base, bytes, access, observer, grid().random);
  if (it) judge(it, access, text("shared ", hex(cta.base + it.offset)));
}

void write_shared(const Cta& cta, u32 address, u32 bytes, const Access& access,
                  const Observer& observer, bool defines) {
  const Conflict it = cta.shadow->write(address - cta.base, bytes, access, observer, defines);
  if (it) judge(it, access, text("shared ", hex(cta.base + it.offset)));
}

const char* load_shared(u32 address, u32 bytes, Where where) {
  at(where);
  const Thread& thread = self();
  const char* data = shared_bytes(*thread.cta, address, bytes, bytes, "ld_shared");
  read_shared(*thread.cta, address, bytes, plain_access(thread, Operation::kLoad),
              observer_of(thread));
  return data;
}

char* store_shared(u32 address, u32 bytes, Where where) {
  at(where);
  const Thread& thread = self();
  char* data = shared_bytes(*thread.cta, address, bytes, bytes, "st_shared");
  write_shared(*thread.cta, address, bytes, plain_access(thread, Operation::kStore),
               observer_of(thread), true);
  return data;
}

char* update_shared(u32 address, Where where) {
  at(where);
  const Thread& thread = self();
  char* data = shared_bytes(*thread.cta, address, 4, 4, "atomic_add_shared");
  Access access = plain_access(thread, Operation::kAtomic);
  access.strength = Strength::kCta;
  const Observer observer = observer_of(thread);
  read_shared(*thread.cta, address, 4, access, observer);
  write_shared(*thread.cta, address, 4, access, observer, true);
  return data;
}

}  // namespace model

u32 shared_base() { return model::self().cta->base; }

}  // namespace windtunnel::device
