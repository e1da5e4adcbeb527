"""Reports built, printed and packed in the background. The key of a run is the row's id."""

from datetime import date

from core import clock
from core.jobs import JobContext, job
from reports import services


@job(services.BUILD, "Отчёт о сотрудничестве: черновик", by_key=True)
def build(run: JobContext, on: date) -> dict[str, int]:
    """The figures and the draft of one report."""
    return services.build(
        int(run.key), now=clock.now(), step=run.step, hold=run.hold, stop=run.check_cancelled
    )


@job(services.PRINT, "Отчёт о сотрудничестве: печать", by_key=True)
def print_pdf(run: JobContext, on: date) -> dict[str, int]:
    """The file of one report: approved, or a long draft whose text was changed."""
    return services.print_pdf(int(run.key), now=clock.now(), step=run.step, hold=run.hold)


@job(services.PACK, "Отчёты о сотрудничестве: архив", by_key=True)
def pack(run: JobContext, on: date) -> dict[str, int]:
    """The zip of one batch."""
    return services.pack(int(run.key), step=run.step, hold=run.hold, stop=run.check_cancelled)


@job(services.LETTERS, "Письма о новой цене", by_key=True)
def letters(run: JobContext, on: date) -> dict[str, int]:
    """The files of one batch of letters, and their zip."""
    return services.print_letters(
        int(run.key), now=clock.now(), step=run.step, hold=run.hold, stop=run.check_cancelled
    )
