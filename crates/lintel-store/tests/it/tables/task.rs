//! Tasks: pages in the order in which they are due or were done, and the earliest open one beside its lead.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TaskId, TenantId, UserId},
    task::{Task, TaskState},
};
use lintel_store::{
    Result, params,
    task::{TaskFilter, place},
};
use uuid::Uuid;

use super::{lead_of, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

fn agent(number: i64) -> UserId {
    UserId(Uuid::from_u128(number as u128))
}

fn task(backend: &Backend, lead: LeadId, n: i64) -> Task {
    Task {
        id: TaskId(backend.id()),
        lead,
        title: format!("task {n}"),
        due_at: (n % 4 > 0).then(|| START.plus(n % 7)),
        assignee: (n % 3 > 0).then(|| agent(n % 3)),
        done_at: (n % 5 == 0).then(|| START.plus(n % 2)),
        created_at: START,
        updated_at: START,
    }
}

async fn store(backend: &Backend, tenant: TenantId, tasks: Vec<Task>) {
    let write = backend.write(move |tx| -> Result<()> {
        for task in &tasks {
            assert!(tx.task_create(tenant, task)?);
            assert!(!tx.task_create(tenant, task)?, "the same call again changes nothing");
            if task.done_at.is_some() {
                tx.task_update(tenant, task)?;
            }
        }
        Ok(())
    });
    write.await.unwrap();
}

async fn walk(backend: &Backend, tenant: TenantId, filter: TaskFilter, limit: u32) -> Vec<Task> {
    let (mut all, mut after): (Vec<Task>, _) = (Vec::new(), None);
    loop {
        let page = backend.tasks(tenant, filter, after, limit).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(place(last));
        all.extend(page);
    }
}

on_each_backend! {
    async fn pages_of_tasks_put_together_are_the_list(backend) {
        let one = set_up(&backend, 1).await;
        let leads = [lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await];
        let all: Vec<Task> = (0..40).map(|n| task(&backend, leads[n as usize % 2], n)).collect();
        store(&backend, one, all.clone()).await;
        for state in TaskState::ALL {
            for assignee in [None, Some(agent(1))] {
                for lead in [None, Some(leads[1])] {
                    for due_before in [None, Some(START.plus(4))] {
                        let filter = TaskFilter { state: *state, assignee, lead, due_before };
                        let wanted = |task: &&Task| {
                            task.done_at.is_some() == (*state == TaskState::Done)
                                && assignee.is_none_or(|agent| task.assignee == Some(agent))
                                && lead.is_none_or(|lead| task.lead == lead)
                                && due_before.is_none_or(|before| task.due_at.is_some_and(|due| due < before))
                        };
                        let mut expected: Vec<Task> = all.iter().filter(wanted).cloned().collect();
                        expected.sort_by_key(place);
                        if *state == TaskState::Done {
                            expected.reverse();
                        }
                        for limit in [1, 7, 50] {
                            assert_eq!(walk(&backend, one, filter, limit).await, expected, "{filter:?}");
                        }
                    }
                }
            }
        }
    }

    async fn the_earliest_open_task_stands_with_its_lead(backend) {
        let one = set_up(&backend, 1).await;
        let lead = lead_of(&backend, one, "a").await;
        let due = async || backend.lead_get(one, lead).await.unwrap().unwrap().task_due_at;
        let with = |due_at: Option<Time>| Task { due_at, done_at: None, ..task(&backend, lead, 1) };
        let (never, late, soon) = (with(None), with(Some(START.plus(9))), with(Some(START.plus(3))));
        store(&backend, one, vec![never]).await;
        assert_eq!(due().await, None);
        store(&backend, one, vec![late.clone(), soon.clone()]).await;
        assert_eq!(due().await, soon.due_at);
        let done = Task { done_at: Some(START), ..soon.clone() };
        backend.write(move |tx| tx.task_update(one, &done)).await.unwrap();
        assert_eq!(due().await, late.due_at);
        backend.write(move |tx| tx.task_update(one, &soon)).await.unwrap();
        assert_eq!(due().await, Some(START.plus(3)), "opened again");
        let (id, gone) = (late.id, late.lead);
        assert_eq!(backend.write(move |tx| tx.task_delete(one, id)).await.unwrap(), Some(gone));
        assert_eq!(backend.write(move |tx| tx.task_delete(one, id)).await.unwrap(), None);
    }

    async fn a_page_of_tasks_examines_what_it_shows(backend) {
        let one = set_up(&backend, 1).await;
        let lead = lead_of(&backend, one, "a").await;
        let tasks = (0..2000).map(|n| Task { done_at: (n % 2 == 0).then(|| START.plus(n)), ..task(&backend, lead, n) });
        store(&backend, one, tasks.collect()).await;
        settle(&backend).await;
        let (first, last) = ((i64::MIN, Uuid::nil()), (i64::MAX, Uuid::max()));
        let of = |(at, id): (i64, Uuid)| params![one, i64::MAX, at, id, 20i64];
        let with = |mut params: Vec<_>, agent: UserId| {
            params.extend(params![agent]);
            params
        };
        examines(&backend, "task.open", of(first), 20, 25).await;
        examines(&backend, "task.done", of(last), 20, 25).await;
        examines(&backend, "task.open_of_agent", with(of(first), agent(1)), 20, 25).await;
        examines(&backend, "task.done_of_agent", with(of(last), agent(2)), 20, 25).await;
    }
}
