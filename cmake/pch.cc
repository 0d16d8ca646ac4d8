// Nothing but what a precompiled header hangs on.
namespace {}
