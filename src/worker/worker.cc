#include "worker/worker.h"

#include <signal.h>

#include <ctime>

#include "os/child.h"
#include "os/confine.h"
#include "worker/serving.h"

namespace ledge {
namespace {

Result<void> Serve(Os& os, Link& link) {
  LEDGE_TRY(const FrontMessage first, link.Receive());
  const auto* setup = std::get_if<Setup>(&first);
  if (setup == nullptr) return MakeError(Code::kMalformed, "the first message is no setup");
  // The local time zone is read here: templates may ask for the time later.
  tzset();
  LEDGE_TRY(ModelSession session, OpenSessionFiles(os, *setup));
  // CPUs are counted from files, too.
  Setup counted = *setup;
  if (counted.threads == 0) counted.threads = os.UsableCores();
  LEDGE_TRY(const Confinement confined, ConfineProcess());
  LEDGE_CHECK_OK(StartSession(os, counted, session));
  session.description.confinement = confined.ToString();
  link.Send(session.description);

  LEDGE_TRY(const FrontMessage second, link.Receive());
  const auto* grant = std::get_if<Grant>(&second);
  if (grant == nullptr) return MakeError(Code::kMalformed, "the second message is no grant");
  KeepTo(*grant, session);
  link.Send(Ready{});
  return Serving(os, link, session, counted).Run();
}

}  // namespace

int RunWorker(Os& os) {
  signal(SIGPIPE, SIG_IGN);
  Link link(kChildSocket);
  const Result<void> done = Serve(os, link);
  if (done.ok() || done.error().code == Code::kUnreachable) return 0;
  link.Send(SetupFailed{{done.error().code, PrintableLine(done.error().message)}});
  return ExitStatus(done.error().code);
}

}  // namespace ledge
